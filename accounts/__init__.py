"""PEOPLE: users, roles, patients, sign-in. The lowest app: it names none of the others."""
