// An application with Neo4j's driver for Java: `java Application.java URL USER PASSWORD WORD`.
// Run by test_neo4j_programs.py through the wall; what it finds is that of graph.py.

import java.util.List;
import java.util.Map;
import org.neo4j.driver.AuthTokens;
import org.neo4j.driver.GraphDatabase;
import org.neo4j.driver.Session;
import org.neo4j.driver.exceptions.AuthenticationException;
import org.neo4j.driver.exceptions.Neo4jException;

class Application {
    static final String PEOPLE = "MATCH (p:Person) RETURN p.name AS name ORDER BY name";

    static void check(boolean right, Object what) {
        if (!right) {
            throw new AssertionError(what);
        }
    }

    static List<String> names(Session session) {
        return session.executeRead(tx -> tx.run(PEOPLE).list(record -> record.get("name").asString()));
    }

    static void use(String url, String user, String password, String word) {
        var all = List.of("Ada " + word, "Bob " + word, "Eve " + word);
        try (var driver = GraphDatabase.driver(url, AuthTokens.basic(user, password))) {
            driver.verifyConnectivity();
            try (var session = driver.session()) {
                check(names(session).equals(all), names(session));
                var made = session.executeWrite(tx -> tx.run(
                    "CREATE (n:Java {at: datetime(), tags: $tags}) RETURN n", Map.of("tags", List.of("a", "b"))).single());
                check(made.get("n").get("tags").asList().size() == 2, made);
                refused(session);
                check(names(session).equals(all), names(session));
                var rows = session.run("UNWIND range(1, 5000) AS n RETURN n").list();
                check(rows.size() == 5000, rows.size());
                session.run("MATCH (n:Java) DETACH DELETE n").consume();
            }
        }
        try (var driver = GraphDatabase.driver(url, AuthTokens.basic(user, "guess"))) {
            driver.verifyConnectivity();
            check(false, "a wrong password lets somebody in");
        } catch (AuthenticationException expected) {
            check(expected.code().equals("Neo.ClientError.Security.Unauthorized"), expected);
        }
    }

    static void refused(Session session) {
        try (var tx = session.beginTransaction()) {
            tx.run("CREATE (:Lost)").consume();
            tx.run("SHOW USERS").consume();
            check(false, "it was let through");
        } catch (Neo4jException refusal) {
            check(refusal.getMessage().startsWith("partywall: "), refusal);
        }
        var lost = session.run("MATCH (n:Lost) RETURN count(n) AS n").single().get("n").asInt();
        check(lost == 0, lost);
    }

    public static void main(String[] arguments) {
        java.util.logging.LogManager.getLogManager().reset();
        for (var scheme : List.of("bolt", "neo4j")) {
            var url = arguments[0].replace("bolt", scheme);
            use(url, arguments[1], arguments[2], arguments[3]);
        }
        System.out.println("all is right");
    }
}
