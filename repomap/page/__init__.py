"""Writes a repository as one HTML file to look at: the ranked map beside a picture of folders and files.

In: `IndexData` and the requests that are ranked ahead. Out: the text of a page that needs no network.

    values    `Page`: files, definitions, links and rankings, as a browser needs them
    make      `IndexData` → `Page`
    links     who uses whom, by which names
    rankings  the rankings that are computed ahead
    columns   `Page` → the JSON in the page: columns, with each repeated text once
    html      the JSON and the template → the page
    page.html the template with styles and script, built from `web/` by `make page`

Only `html` touches the disk, to read the template.
"""
