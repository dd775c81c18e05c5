"""How a picture is laid out so that it fits."""
