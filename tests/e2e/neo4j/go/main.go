// An application with Neo4j's driver for Go: `application URL USER PASSWORD WORD`.
// Run by test_neo4j_programs.py through the wall; what it finds is that of graph.py.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

const people = "MATCH (p:Person) RETURN p.name AS name ORDER BY name"

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func check(right bool, what ...any) {
	if !right {
		panic(fmt.Sprint(what...))
	}
}

func names(ctx context.Context, session neo4j.SessionWithContext) []string {
	work := func(tx neo4j.ManagedTransaction) (any, error) {
		result, err := tx.Run(ctx, people, nil)
		if err != nil {
			return nil, err
		}
		found := []string{}
		for result.Next(ctx) {
			name, _ := result.Record().Get("name")
			found = append(found, name.(string))
		}
		return found, result.Err()
	}
	return must(session.ExecuteRead(ctx, work)).([]string)
}

func application(ctx context.Context, url, user, password, word string) {
	driver := must(neo4j.NewDriverWithContext(url, neo4j.BasicAuth(user, password, "")))
	defer driver.Close(ctx)
	if err := driver.VerifyConnectivity(ctx); err != nil {
		panic(err)
	}
	session := driver.NewSession(ctx, neo4j.SessionConfig{FetchSize: 2})
	defer session.Close(ctx)
	all := []string{"Ada " + word, "Bob " + word, "Eve " + word}
	found := names(ctx, session)
	check(reflect.DeepEqual(found, all), found)

	tx := must(session.BeginTransaction(ctx))
	must(must(tx.Run(ctx, "CREATE (:Lost)", nil)).Consume(ctx))
	result, err := tx.Run(ctx, "SHOW USERS", nil)
	if err == nil {
		_, err = result.Consume(ctx)
	}
	var refusal *neo4j.Neo4jError
	check(errors.As(err, &refusal) && strings.HasPrefix(refusal.Msg, "partywall: "), err)
	check(tx.Commit(ctx) != nil, "a commit after a refusal")
	tx.Close(ctx)

	made := must(session.Run(ctx, "UNWIND range(1, 5000) AS n RETURN n, $at AS at", map[string]any{"at": []any{1, "x"}}))
	records := must(made.Collect(ctx))
	check(len(records) == 5000, len(records))
	found = names(ctx, session)
	check(reflect.DeepEqual(found, all), found)

	wrong := must(neo4j.NewDriverWithContext(url, neo4j.BasicAuth(user, "guess", "")))
	defer wrong.Close(ctx)
	check(wrong.VerifyConnectivity(ctx) != nil, "a wrong password lets nobody in")
}

func main() {
	url, user, password, word := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	for _, scheme := range []string{"bolt", "neo4j"} {
		application(context.Background(), strings.Replace(url, "bolt", scheme, 1), user, password, word)
	}
	fmt.Println("all is right")
}
