"""What tests share: databases of both kinds, and a house with the bot and the simulator in it."""
