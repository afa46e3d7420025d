"""A Challenge Agreement goes round: sent, signed by link or account, sent back, given other dates, in force."""
