-- The views: the questions that are asked most.

-- Entities under the name they are shown by: a country's own name for Iranian, Tehran and the like.
CREATE VIEW named AS
SELECT e.article, e.entity, e.type, e.who, COALESCE(c.name, e.name) AS name, e.alpha2, e.score
FROM entities e LEFT JOIN countries c ON c.alpha2 = e.alpha2;

-- Who was targeted by whom, when, and where it says so: one row for each measure, imposer and target.
CREATE VIEW targeted AS
SELECT m.article, a.id, a.published_on, a.outlet, a.url, a.title, m.measure, m.status,
    i.who AS imposer_who, i.name AS imposer, i.type AS imposer_type,
    t.who AS target_who, t.name AS target, t.type AS target_type,
    m.trigger_text, m.evidence, m.score
FROM measures m
JOIN articles a ON a.article = m.article
JOIN measure_parties tp ON tp.article = m.article AND tp.measure = m.measure AND tp.part = 'target'
JOIN named t ON t.article = tp.article AND t.entity = tp.entity
LEFT JOIN measure_parties ip ON ip.article = m.article AND ip.measure = m.measure AND ip.part = 'imposer'
LEFT JOIN named i ON i.article = ip.article AND i.entity = ip.entity;

-- Who was targeted by whom, when, by how many outlets: one row for each imposer, target and status.
CREATE VIEW who_targets_whom AS
SELECT imposer_who, min(imposer) AS imposer, target_who, min(target) AS target, status,
    min(published_on) AS first_on, max(published_on) AS last_on,
    count(DISTINCT article) AS articles, count(DISTINCT outlet) AS outlets
FROM targeted
GROUP BY imposer_who, target_who, status;

-- Each target with the day on which it was first named as one. Easing, lifting and opposing do not count.
CREATE VIEW targets_first_named AS
SELECT target_who, min(target) AS target, min(target_type) AS type,
    min(published_on) AS first_on, max(published_on) AS last_on,
    count(DISTINCT article) AS articles, count(DISTINCT outlet) AS outlets
FROM targeted
WHERE status NOT IN ('eased', 'lifted', 'opposed')
GROUP BY target_who;

-- Targets first named in the seven days that end today.
CREATE VIEW newly_named_targets AS
SELECT * FROM targets_first_named WHERE first_on >= {week_ago};

-- Targets named together in one measure, each pair once.
CREATE VIEW co_targets AS
SELECT a.target_who, min(a.target) AS target, b.target_who AS other_who, min(b.target) AS other,
    min(a.published_on) AS first_on, max(a.published_on) AS last_on,
    count(DISTINCT a.article) AS articles, count(DISTINCT a.outlet) AS outlets
FROM (SELECT DISTINCT article, measure, target_who, target, published_on, outlet FROM targeted) a
JOIN (SELECT DISTINCT article, measure, target_who, target FROM targeted) b
    ON b.article = a.article AND b.measure = a.measure AND a.target_who < b.target_who
GROUP BY a.target_who, b.target_who;
