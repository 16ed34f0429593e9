-- The tables. One row of articles for each article id: the line of the newest run that was loaded.

-- What made the lines, told apart by the fingerprint that stands in each line.
CREATE TABLE runs (
    run text PRIMARY KEY,
    version text,                       -- of the program; null where no manifest stood beside the lines
    model text,                         -- the model's folder, or the shipped model's name
    model_sha256 text,
    options jsonb                       -- everything that changes what is written
);

-- Files of lines that were loaded, and how far.
CREATE TABLE outputs (
    output {key} PRIMARY KEY,
    path text NOT NULL UNIQUE,          -- absolute
    file_bytes bigint NOT NULL,         -- as stored, when it was last loaded
    modified bigint NOT NULL,           -- its time of change, in nanoseconds since 1970
    loaded_bytes bigint NOT NULL,       -- of the unpacked lines; a broken load goes on from here
    finished boolean NOT NULL,          -- loaded to its end
    manifest jsonb                      -- of the run that wrote it: counts, times, rates
);

CREATE TABLE countries (
    alpha2 text PRIMARY KEY,            -- ISO 3166-1; XK by usage; former states by ISO 3166-3
    alpha3 text NOT NULL,
    name text NOT NULL
);

CREATE TABLE articles (
    article {key} PRIMARY KEY,          -- this database's own number; the other tables refer to it
    id text NOT NULL UNIQUE,            -- as in the line
    output bigint NOT NULL REFERENCES outputs,
    run text NOT NULL REFERENCES runs,
    path text NOT NULL,                 -- where it stood in the input, with record
    record bigint NOT NULL,             -- from 0
    title text,
    published text,                     -- as the input spells it
    published_on date,                  -- the same where it is a day
    lang text,
    url text,
    outlet text,                        -- the url's host without www.
    text text,                          -- null where lines were written or loaded without text
    body jsonb NOT NULL,                -- ranges of text that are the article itself: [[start, end], …]
    offsets text NOT NULL,              -- what ranges count: points (Unicode code points) or bytes (UTF-8)
    relevant boolean NOT NULL,          -- some sanction in the foreign-policy sense is spoken of
    sentences integer NOT NULL,
    tokens integer NOT NULL,            -- 0 where the model was not run
    windows integer NOT NULL,
    tagged_at timestamptz NOT NULL,     -- when its run began; a newer line replaces an older one
    line_hash bytea NOT NULL            -- first 16 bytes of SHA-256 of the line
);
CREATE INDEX articles_published_on ON articles (published_on);

-- The tables from here on refer to articles by article, and to entities and measures by (article, entity) and (article,
-- measure). That every such row is there is the loader's care: to have it checked for each row halves the speed of loading.

-- People, organizations and countries, each once an article.
CREATE TABLE entities (
    article bigint NOT NULL,
    entity text NOT NULL,               -- e1 … as in the line
    type text NOT NULL,                 -- PERSON, ORG, COUNTRY, LOC or MISC
    name text NOT NULL,                 -- its fullest form in the article
    who text NOT NULL,                  -- across articles: alpha2 of a country, else the name without case, accents and points
    alpha2 text,                        -- of a country
    score real NOT NULL,                -- 0 to 1
    n_mentions integer NOT NULL,
    PRIMARY KEY (article, entity)
){keyed};
CREATE INDEX entities_who ON entities (who);

-- How entities are tied to sanctions; an entity that is only named has no row.
CREATE TABLE roles (
    article bigint NOT NULL,
    entity text NOT NULL,
    role text NOT NULL,                 -- target, imposer or linked
    PRIMARY KEY (article, entity, role)
){keyed};

-- Where entities are named.
CREATE TABLE mentions (
    article bigint NOT NULL,
    entity text NOT NULL,
    mention integer NOT NULL,           -- from 1, in text order
    start_at integer NOT NULL,          -- text[start_at:end_at] is the mention
    end_at integer NOT NULL,
    text text NOT NULL,
    score real NOT NULL,
    form text,                          -- of a country: name, abbreviation, demonym, metonym or part
    PRIMARY KEY (article, entity, mention)
){keyed};

CREATE TABLE measures (
    article bigint NOT NULL,
    measure text NOT NULL,              -- m1 … as in the line
    status text NOT NULL,               -- imposed, extended, eased, lifted, threatened, proposed, opposed, evaded or enforced
    trigger_text text,                  -- the words that name the act
    trigger_start integer NOT NULL,
    trigger_end integer NOT NULL,
    evidence text,                      -- the sentence that says so; null where the lines are without text
    evidence_start integer NOT NULL,
    evidence_end integer NOT NULL,
    score real NOT NULL,
    PRIMARY KEY (article, measure)
){keyed};

-- Who imposes a measure and at whom it is aimed.
CREATE TABLE measure_parties (
    article bigint NOT NULL,
    measure text NOT NULL,
    part text NOT NULL,                 -- imposer or target
    entity text NOT NULL,
    PRIMARY KEY (article, measure, part, entity)
){keyed};
