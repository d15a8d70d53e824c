"""Programs the benches start as processes of their own: baselines and peers, some in environments of their own."""
