"""Community organisations: enquiries, the organisations they become, their sites and contacts, declared interests."""
