"""“What would it cost?”: asking it of a result, making a change so, and changing what a round is run on."""
