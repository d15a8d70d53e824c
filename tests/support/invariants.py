"""What must hold between entities after every event, whoever met whom. Each query finds what is half-done."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

INVARIANTS: Mapping[str, str] = {
    "an open deal has a customer that is there": """
        SELECT d.id FROM deals d LEFT JOIN customers c ON c.id = d.customer_id AND c.state = 'active'
        WHERE d.state = 'open' AND c.id IS NULL""",
    "a frozen deal stands in exactly one freezing, no other deal in any": """
        SELECT d.id FROM deals d WHERE d.state = 'open' AND
        (SELECT count(*) FROM freezes f WHERE f.deal_id = d.id AND f.thawed_at IS NULL)
        <> CASE WHEN d.frozen_at IS NULL THEN 0 ELSE 1 END""",
    "a requirement's state is that of its live submission": """
        SELECT r.id FROM requirements r LEFT JOIN submissions s
        ON s.requirement_id = r.id AND s.state IN ('waiting', 'accepted')
        WHERE r.state <> coalesce(s.state, 'open')""",
    "a live submission has its requirement and its deal": """
        SELECT s.id FROM submissions s LEFT JOIN requirements r ON r.id = s.requirement_id
        WHERE s.state IN ('waiting', 'accepted') AND (r.id IS NULL OR r.deal_id <> s.deal_id)""",
    "the same bytes count for one deal only": """
        SELECT s.id FROM submissions s JOIN originals o ON o.id = s.sha
        WHERE s.state IN ('waiting', 'accepted') AND o.deal_id <> s.deal_id""",
    "a request's timeline is whole": """
        SELECT r.id FROM requests r
        WHERE r.entries <> (SELECT count(*) FROM request_entries e WHERE e.request_id = r.id)""",
    "a deal has one open discount": """
        SELECT deal_id FROM requests WHERE state IN ('open', 'returned') AND kind = 'discount'
        GROUP BY deal_id HAVING count(*) > 1""",
    "nobody is waited for once a request has ended": """
        SELECT id FROM requests WHERE state NOT IN ('open', 'returned') AND closed_at IS NULL""",
    "a request's clock stands still exactly while its deal is frozen": """
        SELECT r.id FROM requests r JOIN deals d ON d.id = r.deal_id
        WHERE r.state = 'open' AND d.state = 'open' AND (r.paused_at IS NULL) <> (d.frozen_at IS NULL)""",
    "no request is open for a deal that is lost or taken back": """
        SELECT r.id FROM requests r JOIN deals d ON d.id = r.deal_id
        WHERE r.state IN ('open', 'returned') AND d.state IN ('lost', 'undone')""",
    "a lead in a cycle has exactly one running assignment, of its holder; any other lead none": """
        SELECT l.id FROM leads l WHERE
        (SELECT count(*) FROM assignments a WHERE a.lead_id = l.id AND a.ended_at IS NULL)
        <> CASE WHEN l.state = 'cycle' THEN 1 ELSE 0 END
        OR (l.state = 'cycle' AND NOT EXISTS (SELECT 1 FROM assignments a
            WHERE a.lead_id = l.id AND a.ended_at IS NULL AND a.member_id = l.holder_id))""",
    "a lead was touched where a touch says so": """
        SELECT l.id FROM leads l WHERE l.reached_at IS NOT NULL AND l.state = 'cycle'
        AND NOT EXISTS (SELECT 1 FROM touches t WHERE t.lead_id = l.id AND t.kind = 'reached')""",
    "a version of the configuration comes from one confirmed proposal or the command line": """
        SELECT v.id FROM config_versions v WHERE v."by" NOT LIKE 'cli:%' AND
        (SELECT count(*) FROM proposals p WHERE p.outcome = v.id AND p.state = 'done') <> 1""",
    "a used bind code is nobody's": """
        SELECT s.id FROM strangers s JOIN accounts a ON a.id = s.id WHERE s.code <> ''""",
}


def broken(conn: Connection) -> list[tuple[str, tuple[object, ...]]]:
    """The invariants that do not hold, and for what."""
    found = []
    for name, query in INVARIANTS.items():
        if rows := tuple(row[0] for row in conn.execute(text(query))):
            found.append((name, rows))
    return found
