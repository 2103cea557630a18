module cozos.test/interop

go 1.24.0

require github.com/ceph/go-ceph v0.35.0

require (
	github.com/aws/aws-sdk-go-v2 v1.37.1 // indirect
	github.com/aws/aws-sdk-go-v2/credentials v1.18.2 // indirect
	github.com/aws/smithy-go v1.22.5 // indirect
)
