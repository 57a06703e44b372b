// Ours is a program that sends a code, and nothing else.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/otp"
)

func main() {
	provider, err := insider.New(insider.Config{APIKey: os.Getenv("INSIDER_API_KEY")})
	exitOn(err)
	v, err := provider.Send(context.Background(), otp.SendRequest{To: os.Args[1]})
	exitOn(err)
	fmt.Println(v.Channel)
}

func exitOn(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
