"""Who is warned: tutors and module leaders of their students; of missed attendance the visa officer alone."""

from placements.core.policy import Abilities, has_role

watches = has_role("group_tutor", "placement_tutor", "leader")
follows_attendance = has_role("visa_officer")

ABILITIES: Abilities = {
    "watch.students": watches,
    "watch.attendance": follows_attendance,
    "watch.act": watches | follows_attendance,  # whoever sees it
}
