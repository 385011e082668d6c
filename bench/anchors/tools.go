//go:build tools

// Package tools names the programs that Parlour is measured beside, so that go.mod and go.sum pin them.
package tools

import _ "github.com/nats-io/nats-server/v2"
