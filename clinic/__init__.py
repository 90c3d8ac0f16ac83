"""TIME: departments, doctors, sites, visit types, hours, slots, appointments. Of the others it knows accounts only."""
