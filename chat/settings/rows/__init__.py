"""The rows of the table of settings, by subject; `chat.settings.table` joins them. Pure."""
