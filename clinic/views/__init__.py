"""The portal: three screens from a need to a booked visit, and what comes after."""
