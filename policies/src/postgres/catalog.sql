-- The catalog snapshot: one row, one column, JSON text in the shape of catalog.rs.
--
-- It runs as any role that can connect, on PostgreSQL 13 to 18. Every function, operator and type
-- is written with its schema, as the search path that it runs under is the one that it reports.
-- (IN, NULLIF and CASE x WHEN look an operator up by that path, so they are not used.) Names sort
-- by bytes, hence the same database always gives the same text.
SELECT pg_catalog.json_strip_nulls(pg_catalog.json_build_object(
    'server_version', pg_catalog.current_setting('server_version_num')::pg_catalog.int4,

    'search_path', (
        SELECT COALESCE(pg_catalog.json_agg(s.name ORDER BY s.place), '[]')
        FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS s (name, place)
        WHERE s.name OPERATOR(pg_catalog.<>) 'pg_catalog'
        AND s.name OPERATOR(pg_catalog.!~) '^pg_(toast|temp_|toast_temp_)'
    ),

    'relations', (
        SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object(
            'schema', n.nspname,
            'name', c.relname,
            'kind', CASE
                WHEN c.relkind OPERATOR(pg_catalog.=) 'r' THEN 'table'
                WHEN c.relkind OPERATOR(pg_catalog.=) 'p' THEN 'partitioned-table'
                WHEN c.relkind OPERATOR(pg_catalog.=) 'v' THEN 'view'
                WHEN c.relkind OPERATOR(pg_catalog.=) 'm' THEN 'materialized-view'
                WHEN c.relkind OPERATOR(pg_catalog.=) 'f' THEN 'foreign-table'
                ELSE 'sequence'
            END,
            'columns', (
                SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object(
                    'name', a.attname,
                    'type_schema', tn.nspname,
                    'type_name', t.typname,
                    'deterministic', CASE WHEN NOT co.collisdeterministic THEN false END,
                    'generated', CASE WHEN a.attgenerated OPERATOR(pg_catalog.<>) '' THEN true END
                ) ORDER BY a.attnum), '[]')
                FROM pg_catalog.pg_attribute AS a
                JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
                JOIN pg_catalog.pg_namespace AS tn ON tn.oid OPERATOR(pg_catalog.=) t.typnamespace
                LEFT JOIN pg_catalog.pg_collation AS co
                ON co.oid OPERATOR(pg_catalog.=) a.attcollation
                WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid
                AND a.attnum OPERATOR(pg_catalog.>) 0
                AND NOT a.attisdropped
            ),
            'parents', (
                SELECT pg_catalog.json_agg(
                    pg_catalog.json_build_object('schema', pn.nspname, 'name', p.relname)
                    ORDER BY i.inhseqno)
                FROM pg_catalog.pg_inherits AS i
                JOIN pg_catalog.pg_class AS p ON p.oid OPERATOR(pg_catalog.=) i.inhparent
                JOIN pg_catalog.pg_namespace AS pn ON pn.oid OPERATOR(pg_catalog.=) p.relnamespace
                WHERE i.inhrelid OPERATOR(pg_catalog.=) c.oid
            ),
            'unique', (
                SELECT pg_catalog.json_agg(k.names ORDER BY k.names)
                FROM (
                    SELECT DISTINCT ARRAY(
                        SELECT a.attname
                        FROM pg_catalog.generate_series(0, x.indnkeyatts::pg_catalog.int4
                            OPERATOR(pg_catalog.-) 1) AS g (place)
                        JOIN pg_catalog.pg_attribute AS a
                        ON a.attrelid OPERATOR(pg_catalog.=) x.indrelid
                        AND a.attnum OPERATOR(pg_catalog.=) x.indkey[g.place]
                        ORDER BY g.place
                    ) AS names
                    FROM pg_catalog.pg_index AS x
                    WHERE x.indrelid OPERATOR(pg_catalog.=) c.oid
                    AND (x.indisunique OR x.indisexclusion)
                    AND x.indisvalid
                    AND x.indpred IS NULL
                    AND x.indexprs IS NULL
                ) AS k
            )
        ) ORDER BY n.nspname, c.relname), '[]')
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE c.relkind OPERATOR(pg_catalog.=) ANY
            (ARRAY['r', 'p', 'v', 'm', 'f', 'S']::pg_catalog."char"[])
        AND n.nspname OPERATOR(pg_catalog.<>) ALL
            (ARRAY['pg_catalog', 'information_schema']::pg_catalog.name[])
        AND n.nspname OPERATOR(pg_catalog.!~) '^pg_(toast|temp_|toast_temp_)'
    ),

    'functions', (
        SELECT COALESCE(pg_catalog.json_agg(
            pg_catalog.json_build_object(
                'schema', f.nspname, 'name', f.proname, 'arguments', f.pronargs)
            ORDER BY f.nspname, f.proname, f.pronargs), '[]')
        FROM (
            SELECT DISTINCT n.nspname, p.proname, p.pronargs
            FROM pg_catalog.pg_proc AS p
            JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
            WHERE n.nspname OPERATOR(pg_catalog.<>) ALL
                (ARRAY['pg_catalog', 'information_schema']::pg_catalog.name[])
        ) AS f
    ),

    'operators', (
        SELECT COALESCE(pg_catalog.json_agg(
            pg_catalog.json_build_object('schema', o.nspname, 'name', o.oprname)
            ORDER BY o.nspname, o.oprname), '[]')
        FROM (
            SELECT DISTINCT n.nspname, o.oprname
            FROM pg_catalog.pg_operator AS o
            JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) o.oprnamespace
            WHERE n.nspname OPERATOR(pg_catalog.<>) 'pg_catalog'
        ) AS o
    ),

    'types', (
        SELECT COALESCE(pg_catalog.json_agg(
            pg_catalog.json_build_object('schema', n.nspname, 'name', t.typname)
            ORDER BY n.nspname, t.typname), '[]')
        FROM pg_catalog.pg_type AS t
        JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
        LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) t.typrelid
        WHERE n.nspname OPERATOR(pg_catalog.<>) ALL
            (ARRAY['pg_catalog', 'information_schema']::pg_catalog.name[])
        AND n.nspname OPERATOR(pg_catalog.!~) '^pg_(toast|temp_|toast_temp_)'
        AND (c.oid IS NULL OR c.relkind OPERATOR(pg_catalog.=) 'c')
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_type AS e
            WHERE e.typarray OPERATOR(pg_catalog.=) t.oid
        )
    )
))::pg_catalog.text AS catalog
