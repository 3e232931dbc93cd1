"""Works towards a goal, turn after turn, until it is met or a limit ends it.

In comes a condition as the user types it (`condition`); out come a record of how it ended and a report. After each
turn the checks run; exit codes are facts. What they leave open a judge decides, who must quote evidence (`judging`).
Steps of its plan are ticked by the same rule (`quotations`). `stall` counts failures that come again, `texts` and
`plan_texts` word the requests, `summary` and `report` tell of it: all of these are pure. `goals` [io] is what the user
does with a goal, `open_goal` [io] how far it is, `steps` [io] the loop, `planning` [io] its plan, and `evidence` [io]
runs the checks and collects what may be quoted.
"""
