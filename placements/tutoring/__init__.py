"""Who looks after which placement: shared out by load, group and expertise, proven, overridden with a reason."""
