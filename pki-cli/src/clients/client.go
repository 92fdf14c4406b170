package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

func main() {
	roots := x509.NewCertPool()
	file, err := os.ReadFile(os.Args[1])
	if err == nil {
		roots.AppendCertsFromPEM(file)
		var connection *tls.Conn
		config := &tls.Config{RootCAs: roots, ServerName: os.Args[3]}
		if connection, err = tls.Dial("tcp", "127.0.0.1:"+os.Args[2], config); err == nil {
			err = connection.Close()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
