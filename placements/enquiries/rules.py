"""What is true on paper about enquiries."""

# Where else in the university an enquiry may belong.
ROUTES = (
    "Business Clinic",
    "Charities and Social Enterprise Clinic",
    "Another of the university’s clinics",
    "CARES research centre",
    "Student volunteering",
    "Research",
    "Consultancy",
)

ANSWERED_WITHIN = 5  # working days from an enquiry to our answer
MOST_ENQUIRIES_A_DAY = 5  # from one email address: nobody can make us write to a stranger again and again
