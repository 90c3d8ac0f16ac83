"""TIME: departments, doctors, sites, visit types, hours, slots, appointments. It knows accounts, and nothing above itself."""
