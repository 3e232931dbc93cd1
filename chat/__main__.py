"""`python -m chat` runs the command `trigpoint`."""

from chat.cli.main import main

if __name__ == "__main__":
    main()
