# Packer 1.7 and newer fetch builders as plugins: `packer init packer`. Debian's 1.6.6 has them built in and does not know this block,
# so it is given a copy of this folder without this file.
packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.3.0"
    }
    qemu = {
      source  = "github.com/hashicorp/qemu"
      version = ">= 1.1.0"
    }
  }
}
