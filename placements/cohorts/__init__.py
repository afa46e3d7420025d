"""One running of the module: dates, hours, groups, components and rubrics, enrolments, and who does what in it."""
