"""What is said: values, without input or output."""
