"""When the day's mail comes, and what went wrong with one, as people say it."""


def say_hour(hour: int) -> str:
    """“9am”, “noon”, “5pm”."""
    if hour == 12:
        return "noon"
    return f"{hour}am" if hour < 12 else f"{hour - 12}pm"
