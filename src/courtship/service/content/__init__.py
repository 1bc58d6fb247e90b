"""The brand's posts and what came of them."""
