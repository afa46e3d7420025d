"""What a web server imports."""

from placements import create_app

app = create_app()
