"""Sign-in, invitations and the roles that hold everywhere. Passwords and second factors are Flask-Security's work."""
