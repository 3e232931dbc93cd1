"""A model's reply becomes exactly the change it meant, or nothing and a message that says why."""
