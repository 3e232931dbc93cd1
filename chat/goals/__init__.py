"""Works towards a goal, turn after turn, until it is met or a limit ends it.

In comes a condition as the user types it (`condition`); out come a record of how it ended and a report. After each
turn the checks run; exit codes are facts. What they leave open a judge decides, who must quote evidence (`judging`).
`stall` counts failures that come again, `texts` words the requests, `report` writes the report: all of these are
pure. `goals` [io] holds the goal of a chat and its loop, `evidence` [io] runs the checks and collects what the judge
is shown.
"""
