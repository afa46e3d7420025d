"""One student's whole case as a dated file, for a complaint or an audit: asked for, made by the worker, kept a year."""
