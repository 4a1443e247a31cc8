# The gateway as an image: one build, the same provisioning for Amazon EC2 and for a disk that runs under QEMU/KVM.
#
#   packer init packer
#   packer build -only=amazon-ebs.gateway -var deb=.package/spacegate_0.1.0-1_amd64.deb -var version=0.1.0-1 \
#     -var "commit=$(git rev-parse HEAD)" packer
#
# The qemu source is run by packer/image.ts, which makes its base disk first. No secret goes into either: settings come at first boot.

variable "deb" {
  type        = string
  description = "The package to install."
}

variable "version" {
  type        = string
  description = "The package's version."
}

variable "commit" {
  type        = string
  description = "What the package was built from."
}

# Amazon EC2: where the image is made.

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "instance_type" {
  type    = string
  default = "t3.small"
}

variable "subnet_id" {
  type        = string
  description = "Where the instance that is made an image of runs; empty: the default VPC."
  default     = ""
}

variable "ssh_interface" {
  type        = string
  description = "How Packer reaches it: public_ip, private_ip or session_manager."
  default     = "public_ip"
}

variable "ssh_from" {
  type        = list(string)
  description = "Whom its security group, which exists for the build alone, lets in by SSH."
  default     = ["0.0.0.0/0"]
}

variable "kms_key_id" {
  type        = string
  description = "What the image is encrypted with; empty: the account's key for EBS. Only a key of your own can be shared with other accounts."
  default     = ""
}

# The base. Ubuntu 24.04 LTS: 099720109477, "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*", "ubuntu".

variable "source_owner" {
  type        = string
  description = "The account that publishes the base: Debian's."
  default     = "136693071363"
}

variable "source_name" {
  type    = string
  default = "debian-13-amd64-*"
}

variable "source_user" {
  type    = string
  default = "admin"
}

# QEMU: given by packer/image.ts.

variable "base_disk" {
  type        = string
  description = "A disk with Debian and cloud-init, qcow2."
  default     = "base.qcow2"
}

variable "seed_files" {
  type        = list(string)
  description = "cloud-init's user-data and meta-data, which let Packer in."
  default     = []
}

variable "ssh_key" {
  type        = string
  description = "The throwaway private key that goes with them."
  default     = "key"
}

variable "accelerator" {
  type    = string
  default = "tcg"
}

variable "output" {
  type        = string
  description = "The directory that is made for the disk."
  default     = "output"
}

variable "console" {
  type        = string
  description = "The file that gets what the machine says on its serial console."
  default     = "/dev/null"
}

variable "report" {
  type        = string
  description = "The file that says what has been installed."
  default     = "report.json"
}

locals {
  # The repository's own Node, which reads TypeScript.
  node  = "PATH=${path.root}/../node_modules/.bin:/usr/local/bin:/usr/bin:/bin"
  stamp = formatdate("YYYYMMDDhhmm", timestamp())
  tags = {
    Name    = "spacegate ${var.version}"
    Version = var.version
    Commit  = var.commit
    Base    = var.source_name
  }
}

source "amazon-ebs" "gateway" {
  region        = var.region
  instance_type = var.instance_type
  subnet_id     = var.subnet_id
  ssh_username  = var.source_user
  ssh_interface = var.ssh_interface

  temporary_security_group_source_cidrs = var.ssh_from

  source_ami_filter {
    owners      = [var.source_owner]
    most_recent = true
    filters = {
      name                = var.source_name
      architecture        = "x86_64"
      root-device-type    = "ebs"
      virtualization-type = "hvm"
    }
  }

  ami_name        = "spacegate-${var.version}-${local.stamp}"
  ami_description = "Gateway for Heroku Private Space VPN connections: spacegate ${var.version} (${var.commit})"
  ena_support     = true
  encrypt_boot    = true
  kms_key_id      = var.kms_key_id

  tags            = local.tags
  snapshot_tags   = local.tags
  run_tags        = local.tags
  run_volume_tags = local.tags
}

source "qemu" "gateway" {
  iso_url          = var.base_disk
  iso_checksum     = "none"
  disk_image       = true
  skip_resize_disk = true
  cd_files         = var.seed_files
  cd_label         = "cidata"

  accelerator    = var.accelerator
  cpus           = 2
  memory         = 1024
  headless       = true
  disable_vnc    = true
  disk_interface = "virtio"
  disk_discard   = "unmap"
  net_device     = "virtio-net"
  qemuargs       = [["-cpu", "max"], ["-serial", "file:${var.console}"]]

  boot_wait            = "1s"
  ssh_username         = "root"
  ssh_private_key_file = var.ssh_key
  ssh_timeout          = "15m"
  shutdown_command     = "systemctl poweroff"

  format           = "qcow2"
  disk_compression = true
  output_directory = var.output
  vm_name          = "spacegate-amd64.qcow2"
}

build {
  sources = ["source.amazon-ebs.gateway", "source.qemu.gateway"]

  # Neither the build's instance nor one that is made of the image answers IMDSv1. The plugins for Packer 1.7 and newer have
  # metadata_options and imds_support for this, which 1.6.6 refuses to read; packer/amazon.ts asks EC2 itself, whatever Packer it is.
  provisioner "shell-local" {
    only             = ["amazon-ebs.gateway"]
    environment_vars = [local.node]
    inline           = ["node '${path.root}/amazon.ts' instance '${var.region}' '${build.ID}'"]
  }

  provisioner "shell" {
    inline = ["mkdir -p /tmp/spacegate/files"]
  }

  provisioner "file" {
    source      = "${path.root}/files/"
    destination = "/tmp/spacegate/files"
  }

  provisioner "file" {
    source      = var.deb
    destination = "/tmp/spacegate/spacegate.deb"
  }

  provisioner "shell" {
    scripts         = ["${path.root}/provision.sh", "${path.root}/clean.sh", "${path.root}/report.sh"]
    execute_command = "sudo -n sh {{ .Path }}"
  }

  provisioner "file" {
    direction   = "download"
    source      = "/run/spacegate-report.json"
    destination = var.report
  }

  # The last word: the build fails when this finds something that must not be in an image.
  provisioner "shell" {
    script          = "${path.root}/check.sh"
    execute_command = "sudo -n sh {{ .Path }}"
  }

  post-processors {
    post-processor "manifest" {
      only   = ["amazon-ebs.gateway"]
      output = "${var.output}-amazon.json"
    }
    post-processor "shell-local" {
      only             = ["amazon-ebs.gateway"]
      environment_vars = [local.node]
      inline           = ["node '${path.root}/amazon.ts' images '${var.output}-amazon.json'"]
    }
  }
}
