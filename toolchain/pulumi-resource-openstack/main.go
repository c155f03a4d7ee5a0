// pulumi-resource-openstack lets the Pulumi engine drive the OpenStack Terraform provider.
//
// The finished plugin is in no package registry, so it is built here from the two modules it consists of.
// Only the resources hailstack's program makes have a token: anything else would be untested surface.
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// version is the one that the npm package @pulumi/openstack asks the engine for: the engine takes a plugin only at
// exactly that version (src/tools/toolchain.ts holds the same number, and a test compares them).
const version = "3.15.2"

var resourceTokens = map[string]tokens.Type{
	"openstack_blockstorage_volume_v3":             "openstack:blockstorage/volume:Volume",
	"openstack_compute_instance_v2":                "openstack:compute/instance:Instance",
	"openstack_compute_keypair_v2":                 "openstack:compute/keypair:Keypair",
	"openstack_compute_servergroup_v2":             "openstack:compute/serverGroup:ServerGroup",
	"openstack_compute_volume_attach_v2":           "openstack:compute/volumeAttach:VolumeAttach",
	"openstack_networking_floatingip_associate_v2": "openstack:networking/floatingIpAssociate:FloatingIpAssociate",
	"openstack_networking_floatingip_v2":           "openstack:networking/floatingIp:FloatingIp",
	"openstack_networking_port_v2":                 "openstack:networking/port:Port",
	"openstack_networking_secgroup_rule_v2":        "openstack:networking/secGroupRule:SecGroupRule",
	"openstack_networking_secgroup_v2":             "openstack:networking/secGroup:SecGroup",
}

func main() {
	resources := map[string]*tfbridge.ResourceInfo{}
	for name, token := range resourceTokens {
		resources[name] = &tfbridge.ResourceInfo{Tok: token}
	}
	tfbridge.Main("openstack", version, tfbridge.ProviderInfo{
		P:         shimv2.NewProvider(patientProvider()),
		Name:      "openstack",
		Version:   version,
		Resources: resources,
	}, []byte(`{"name":"openstack","version":"`+version+`"}`))
}
