// Ceph's admin API as go-ceph uses it.
package interop

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/ceph/go-ceph/rgw/admin"
)

func connect(t *testing.T, accessKey, secretKey string) *admin.API {
	t.Helper()
	api, err := admin.New(os.Getenv("COZOS_ADMIN_ENDPOINT"), accessKey, secretKey, nil)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

func root(t *testing.T) *admin.API {
	t.Helper()
	return connect(t, os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"))
}

// Fails the test unless the error is the one that is wanted; nil wants none.
func want(t *testing.T, err, wanted error) {
	t.Helper()
	if (wanted == nil) != (err == nil) || (wanted != nil && !errors.Is(err, wanted)) {
		t.Fatalf("wanted %v, got %v", wanted, err)
	}
}

func must[T any](t *testing.T) func(value T, err error) T {
	return func(value T, err error) T {
		t.Helper()
		want(t, err, nil)
		return value
	}
}

func of[T any](value T) *T { return &value }

func TestUsers(t *testing.T) {
	ctx, api := context.Background(), root(t)
	user := must[admin.User](t)(api.CreateUser(ctx, admin.User{
		ID: "leseb", DisplayName: "This is leseb", Email: "leseb@example.com", UserCaps: "users=read",
	}))
	if user.Email != "leseb@example.com" || user.Caps[0].Perm != "read" || len(user.Keys[0].SecretKey) != 40 {
		t.Fatalf("%+v", user)
	}
	_, err := api.CreateUser(ctx, admin.User{ID: "leseb", DisplayName: "Another"})
	want(t, err, admin.ErrUserExists)
	_, err = api.CreateUser(ctx, admin.User{ID: "other", DisplayName: "Another", Email: "leseb@example.com"})
	want(t, err, admin.ErrEmailExists)

	limited := connect(t, user.Keys[0].AccessKey, user.Keys[0].SecretKey)
	must[admin.User](t)(limited.GetUser(ctx, admin.User{ID: "leseb"}))
	_, err = limited.CreateUser(ctx, admin.User{ID: "other", DisplayName: "Another"})
	want(t, err, admin.ErrAccessDenied)

	changed := must[admin.User](t)(api.ModifyUser(ctx, admin.User{ID: "leseb", MaxBuckets: of(-1), Email: "leseb@leseb.com"}))
	if changed.Email != "leseb@leseb.com" || *changed.MaxBuckets != -1 || changed.DisplayName != "This is leseb" {
		t.Fatalf("%+v", changed)
	}
	told := must[admin.User](t)(api.GetUser(ctx, admin.User{ID: "leseb", GenerateStat: of(true)}))
	if told.Keys[0].SecretKey != "" || *told.Stat.NumObjects != 0 || *told.Suspended != 0 {
		t.Fatalf("%+v", told)
	}
	if users := must[*[]string](t)(api.GetUsers(ctx)); !slices.Contains(*users, "leseb") {
		t.Fatal(*users)
	}
	want(t, api.RemoveUser(ctx, admin.User{ID: "leseb"}), nil)
	_, err = api.GetUser(ctx, admin.User{ID: "leseb"})
	want(t, err, admin.ErrNoSuchUser)
}

func TestKeysAndCapabilities(t *testing.T) {
	ctx, api := context.Background(), root(t)
	must[admin.User](t)(api.CreateUser(ctx, admin.User{ID: "keys", DisplayName: "Keys"}))
	keys := must[*[]admin.UserKeySpec](t)(api.CreateKey(ctx, admin.UserKeySpec{UID: "keys"}))
	if len(*keys) != 2 {
		t.Fatal(*keys)
	}
	for _, key := range *keys {
		want(t, api.RemoveKey(ctx, admin.UserKeySpec{UID: "keys", AccessKey: key.AccessKey}), nil)
	}
	want(t, api.RemoveKey(ctx, admin.UserKeySpec{UID: "keys", AccessKey: "NONE"}), admin.ErrInvalidAccessKey)

	caps := must[[]admin.UserCapSpec](t)(api.AddUserCap(ctx, "keys", "users=*;buckets=read"))
	if len(caps) != 2 || caps[1].Perm != "*" {
		t.Fatal(caps)
	}
	caps = must[[]admin.UserCapSpec](t)(api.RemoveUserCap(ctx, "keys", "users=write;buckets=*"))
	if len(caps) != 1 || caps[0].Perm != "read" {
		t.Fatal(caps)
	}
	_, err := api.AddUserCap(ctx, "keys", "frobs=read")
	want(t, err, admin.ErrInvalidCapability)
	_, err = api.RemoveUserCap(ctx, "keys", "zone=read")
	want(t, err, admin.ErrNoSuchCap)
}

func TestQuotas(t *testing.T) {
	ctx, api := context.Background(), root(t)
	must[admin.User](t)(api.CreateUser(ctx, admin.User{ID: "quotas", DisplayName: "Quotas"}))
	want(t, api.SetUserQuota(ctx, admin.QuotaSpec{UID: "quotas", MaxObjects: of(int64(100)), Enabled: of(true)}), nil)
	want(t, api.SetBucketQuota(ctx, admin.QuotaSpec{UID: "quotas", MaxSizeKb: of(3)}), nil)
	user := must[admin.QuotaSpec](t)(api.GetUserQuota(ctx, admin.QuotaSpec{UID: "quotas"}))
	bucket := must[admin.QuotaSpec](t)(api.GetBucketQuota(ctx, admin.QuotaSpec{UID: "quotas"}))
	if *user.MaxObjects != 100 || !*user.Enabled || *bucket.MaxSize != 3072 || *bucket.Enabled {
		t.Fatalf("%+v %+v", user, bucket)
	}
	want(t, api.SetUserQuota(ctx, admin.QuotaSpec{UID: "nobody", Enabled: of(true)}), admin.ErrNoSuchUser)
}

// The bucket is made by who runs this test: go-ceph's client has no S3.
func TestBuckets(t *testing.T) {
	ctx, api := context.Background(), root(t)
	name, owner := os.Getenv("COZOS_BUCKET"), os.Getenv("COZOS_BUCKET_OWNER")
	if buckets := must[[]string](t)(api.ListBuckets(ctx)); !slices.Contains(buckets, name) {
		t.Fatal(buckets)
	}
	bucket := must[admin.Bucket](t)(api.GetBucketInfo(ctx, admin.Bucket{Bucket: name}))
	if bucket.Owner != owner || *bucket.Usage.RgwMain.NumObjects != 1 || *bucket.VersioningEnabled || bucket.CreationTime == nil {
		t.Fatalf("%+v", bucket)
	}
	all := must[[]admin.Bucket](t)(api.ListBucketsWithStat(ctx))
	if !slices.ContainsFunc(all, func(one admin.Bucket) bool { return one.ID == bucket.ID }) {
		t.Fatalf("%+v", all)
	}
	policy := must[admin.Policy](t)(api.GetBucketPolicy(ctx, admin.Bucket{Bucket: name}))
	if policy.Owner.ID != owner || *policy.ACL.ACLUserMap[0].ACL != 15 {
		t.Fatalf("%+v", policy)
	}

	must[admin.User](t)(api.CreateUser(ctx, admin.User{ID: "linked", DisplayName: "Linked"}))
	link := admin.BucketLinkInput{Bucket: name, UID: owner}
	want(t, api.UnlinkBucket(ctx, link), nil)
	want(t, api.LinkBucket(ctx, admin.BucketLinkInput{Bucket: name, UID: "linked", BucketID: bucket.ID}), nil)
	if mine := must[[]string](t)(api.ListUsersBuckets(ctx, "linked")); !slices.Equal(mine, []string{name}) {
		t.Fatal(mine)
	}
	if mine := must[[]admin.Bucket](t)(api.ListUsersBucketsWithStat(ctx, "linked")); mine[0].Owner != "linked" {
		t.Fatalf("%+v", mine)
	}
	quota := admin.QuotaSpec{UID: "linked", Bucket: name, MaxObjects: of(int64(5)), Enabled: of(true)}
	want(t, api.SetIndividualBucketQuota(ctx, quota), nil)
	bucket = must[admin.Bucket](t)(api.GetBucketInfo(ctx, admin.Bucket{Bucket: name}))
	if *bucket.BucketQuota.MaxObjects != 5 {
		t.Fatalf("%+v", bucket)
	}
	want(t, api.RemoveBucket(ctx, admin.Bucket{Bucket: name}), admin.ErrBucketNotEmpty)
	want(t, api.RemoveUser(ctx, admin.User{ID: "linked", PurgeData: of(1)}), nil)
	_, err := api.GetBucketInfo(ctx, admin.Bucket{Bucket: name})
	want(t, err, admin.ErrNoSuchBucket)
}

func TestUsageAndInfo(t *testing.T) {
	ctx, api := context.Background(), root(t)
	must[admin.Usage](t)(api.GetUsage(ctx, admin.Usage{ShowEntries: of(true), ShowSummary: of(true)}))
	want(t, api.TrimUsage(ctx, admin.Usage{}), admin.ErrInvalidArgument)
	want(t, api.TrimUsage(ctx, admin.Usage{RemoveAll: of(true)}), nil)
	info := must[admin.Info](t)(api.GetInfo(ctx))
	if info.InfoSpec.StorageBackends[0].Name != "cozos" {
		t.Fatalf("%+v", info)
	}
}

func TestStrangers(t *testing.T) {
	_, err := connect(t, "NOKEY", "secret").GetUser(context.Background(), admin.User{ID: "x"})
	if err == nil {
		t.Fatal("a stranger was let in")
	}
	_, err = connect(t, os.Getenv("AWS_ACCESS_KEY_ID"), "wrong").GetUser(context.Background(), admin.User{ID: "x"})
	want(t, err, admin.ErrSignatureDoesNotMatch)
}
