// An application with go-redis: `main HOST:PORT USER PASSWORD WORD`. Prints "all is right" if it was.
// Run by test_redis_go.py; what it finds is that of house.py.
package main

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"time"

	"github.com/redis/go-redis/v9"
)

var ctx = context.Background()

func check(what string, got, want any, err error) {
	if err != nil || !reflect.DeepEqual(got, want) {
		fmt.Fprintf(os.Stderr, "%s: got %v, wanted %v, error %v\n", what, got, want, err)
		os.Exit(1)
	}
}

func work(client *redis.Client, word string) {
	greeting, err := client.Get(ctx, "greeting").Result()
	check("get", greeting, "hello "+word, err)
	user, err := client.HGetAll(ctx, "user:1").Result()
	check("hgetall", user, map[string]string{"name": word, "age": "7"}, err)
	check("set", client.Set(ctx, "go", "1", time.Minute).Val(), "OK", nil)

	answers, err := client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.Incr(ctx, "go")
		pipe.Get(ctx, "go")
		return nil
	})
	check("transaction", answers[1].(*redis.StringCmd).Val(), "2", err)

	err = client.Watch(ctx, func(tx *redis.Tx) error {
		client.Set(ctx, "watched", "other", 0)
		_, err := tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			return pipe.Set(ctx, "watched", "lost", 0).Err()
		})
		return err
	}, "watched")
	check("watch", err, redis.TxFailedErr, nil)

	script := redis.NewScript("return {KEYS[1], redis.call('STRLEN', KEYS[1])}")
	made, err := script.Run(ctx, client, []string{"greeting"}).Slice()
	check("script", made, []any{"greeting", int64(len("hello " + word))}, err)

	names := 0
	scan := client.Scan(ctx, 0, "*", 3).Iterator()
	for scan.Next(ctx) {
		names++
	}
	check("scan", names, 9, scan.Err())

	pubsub := client.Subscribe(ctx, "news")
	_, err = pubsub.Receive(ctx)
	check("subscribe", nil, nil, err)
	check("publish", client.Publish(ctx, "news", "hello").Val(), int64(1), nil)
	message, err := pubsub.ReceiveMessage(ctx)
	check("message", message.Channel+" "+message.Payload, "news hello", err)
	pubsub.Close()

	streams, err := client.XRead(ctx, &redis.XReadArgs{Streams: []string{"log", "0"}}).Result()
	check("xread", streams[0].Stream, "log", err)
	if err := client.Do(ctx, "NOSUCH", "greeting").Err(); err == nil {
		check("closed", "open", "closed", nil)
	}
	check("in step", client.Get(ctx, "greeting").Val(), "hello "+word, nil)
	client.Del(ctx, "watched", "go")
}

func main() {
	for _, protocol := range []int{2, 3} {
		client := redis.NewClient(&redis.Options{
			Addr: os.Args[1], Username: os.Args[2], Password: os.Args[3], Protocol: protocol,
		})
		work(client, os.Args[4])
		client.Close()
	}
	fmt.Println("all is right")
}
