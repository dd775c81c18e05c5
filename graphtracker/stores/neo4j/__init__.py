"""The store for teams: a graph in Neo4j."""
