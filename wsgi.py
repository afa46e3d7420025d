"""What a web server imports."""

from placements.app import create_app

app = create_app()
