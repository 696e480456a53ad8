"""libcloud's libvirt driver, with what it lacks: creating machines, and removing them with their disks."""

import io
import xml.etree.ElementTree as ET

import libvirt
from libcloud.compute.base import NodeImage, NodeSize
from libcloud.compute.drivers.libvirt_driver import LibvirtNodeDriver
from libcloud.compute.types import NodeState

# The prefix of our machines' volumes, which are not listed as images.
PREFIX = "hostout-"

# A current Debian does not start with less.
SMALLEST = 512

# The driver calls these "terminated", though the domain exists.
RESTING = {libvirt.VIR_DOMAIN_PAUSED: NodeState.PAUSED,
           libvirt.VIR_DOMAIN_SHUTDOWN: NodeState.STOPPED,
           libvirt.VIR_DOMAIN_SHUTOFF: NodeState.STOPPED}

MEBIBYTE = 1024 * 1024
GIBIBYTE = 1024 * MEBIBYTE


class LibvirtDriver(LibvirtNodeDriver):
    def __init__(self, uri, key=None, secret=None):
        # Errors are raised as exceptions; by default, they would also be printed.
        libvirt.registerErrorHandler(lambda *_: None, None)
        try:
            super().__init__(uri, key=key, secret=secret)
        except libvirt.libvirtError as error:
            raise ConnectionError(str(error))

    def list_sizes(self, location=None):
        """Powers of two, up to the memory of the machine that libvirt runs on."""
        _, memory, processors = self.connection.getInfo()[:3]
        sizes = []
        ram = SMALLEST
        while ram <= memory:
            cpus = max(1, min(processors, ram // 2048))
            sizes.append(NodeSize(str(ram), "%d MB, %d CPU" % (ram, cpus), ram, None, None, 0, self,
                                  extra={"cpus": cpus}))
            ram *= 2
        return sizes

    def list_images(self, location=None):
        return [NodeImage("%s/%s" % (pool.name(), volume.name()), volume.name(), self)
                for pool in self.connection.listAllStoragePools(
                    libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)
                for volume in pool.listAllVolumes() if not volume.name().startswith(PREFIX)]

    def create_node(self, name, size, image, ex_userdata=None, ex_pool="default", ex_network="default",
                    ex_cpus=None, ex_disk=None, ex_type=None):
        """
        Starts a domain on a new disk, which stores only the differences from the image. `ex_disk` is its size in
        gigabytes, `ex_type` a domain type such as `qemu`, for use if KVM is available but fails.
        """
        pool = self.connection.storagePoolLookupByName(ex_pool)
        network = self.connection.networkLookupByName(ex_network)
        # Left by an interrupted call: a domain with this name would have been found.
        self._remove_volumes(self._volumes(pool, name))
        domain = None
        try:
            disk = self._make_disk(pool, name, image, ex_disk)
            seed = self._make_seed(pool, name, ex_userdata)
            domain = self.connection.defineXML(self._domain(
                name, size.ram, ex_cpus or size.extra["cpus"], disk, seed, network, ex_type))
            # It must start again after the machine that it runs on has been restarted.
            domain.setAutostart(1)
            domain.create()
        except BaseException:
            if domain is not None:
                domain.undefine()
            self._remove_volumes(self._volumes(pool, name))
            raise
        return self._to_node(domain)

    def destroy_node(self, node):
        """Removes the domain last: its name is needed to find anything left of it."""
        domain = self._get_domain_for_node(node)
        if domain.isActive():
            domain.destroy()
        files = [source.get("file") for source in self._xml(domain).findall("devices/disk/source")]
        for file in files:
            try:
                volume = self.connection.storageVolLookupByPath(file)
            except libvirt.libvirtError as error:
                if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
                    raise
                continue
            # Disks that somebody has added are kept.
            if volume.name() in _volume_names(domain.name()):
                self._remove_volumes([volume])
        domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
                             | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA)
        return True

    def _make_disk(self, pool, name, image, gigabytes):
        image_pool, volume_name = image.id.split("/", 1)
        base = self.connection.storagePoolLookupByName(image_pool).storageVolLookupByName(volume_name)
        form = ET.fromstring(base.XMLDesc()).find("target/format").get("type")
        if form not in ("qcow2", "raw"):
            raise ValueError("The image '%s' is of the format '%s'; it has to be qcow2 or raw."
                             % (image.id, form))
        capacity = max(base.info()[1], int(gigabytes or 0) * GIBIBYTE)
        volume = _element("volume", name=_volume_names(name)[0], capacity=str(capacity))
        _add(_add(volume, "target"), "format", type="qcow2")
        backing = _add(volume, "backingStore")
        _add(backing, "path").text = base.path()
        _add(backing, "format", type=form)
        return pool.createXML(_text(volume)).path()

    def _make_seed(self, pool, name, user_data):
        """The data for cloud-init, on a file system with the label `cidata`."""
        import pycdlib
        seed = pycdlib.PyCdlib()
        seed.new(vol_ident="cidata", joliet=3, rock_ridge="1.09", interchange_level=3)
        meta_data = "instance-id: hostout-%s\nlocal-hostname: %s\n" % (name, name)
        for file, text in (("meta-data", meta_data), ("user-data", user_data or "#cloud-config\n")):
            content = text.encode()
            seed.add_fp(io.BytesIO(content), len(content), "/%s.;1" % file.replace("-", "").upper(),
                        rr_name=file, joliet_path="/" + file)
        written = io.BytesIO()
        seed.write_fp(written)
        seed.close()
        content = written.getvalue()
        volume = _element("volume", name=_volume_names(name)[1], capacity=str(len(content)))
        _add(_add(volume, "target"), "format", type="raw")
        made = pool.createXML(_text(volume))
        stream = self.connection.newStream()
        made.upload(stream, 0, len(content))
        stream.sendAll(lambda _, count, rest: rest.read(count), io.BytesIO(content))
        stream.finish()
        return made.path()

    def _domain(self, name, ram, cpus, disk, seed, network, kind):
        kind = kind or self._fastest()
        domain = _element("domain", name=name, vcpu=str(cpus), type=kind)
        _add(domain, "memory", unit="MiB").text = str(ram)
        _add(_add(domain, "os"), "type").text = "hvm"
        features = _add(domain, "features")
        for feature in ("acpi", "apic"):
            _add(features, feature)
        if kind == "kvm":
            _add(domain, "cpu", mode="host-passthrough")
        devices = _add(domain, "devices")
        # The seed is a disk, too: kernels for virtual machines have no drivers for CDs.
        for file, form, target in ((disk, "qcow2", "vda"), (seed, "raw", "vdb")):
            one = _add(devices, "disk", type="file", device="disk")
            _add(one, "driver", name="qemu", type=form)
            _add(one, "source", file=file)
            _add(one, "target", dev=target, bus="virtio")
            if file == seed:
                _add(one, "readonly")
        interface = _add(devices, "interface", type="network")
        _add(interface, "source", network=network.name())
        _add(interface, "model", type="virtio")
        _add(devices, "console", type="pty")
        _add(_add(devices, "rng", model="virtio"), "backend", model="random").text = "/dev/urandom"
        return _text(domain)

    def _fastest(self):
        try:
            self.connection.getDomainCapabilities(virttype="kvm")
            return "kvm"
        except libvirt.libvirtError:
            return "qemu"

    def _to_node(self, domain):
        node = super()._to_node(domain)
        # The driver's number changes at each start.
        node.id = domain.UUIDString()
        node.state = RESTING.get(domain.info()[0], node.state)
        return node

    def _get_ip_addresses_for_domain(self, domain):
        """The addresses from libvirt's own DHCP, otherwise those of neighbors that this machine knows."""
        if not domain.isActive():
            return []
        try:
            found = domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE)
        except libvirt.libvirtError:
            found = {}
        addresses = [one["addr"] for card in found.values() for one in card["addrs"] or ()]
        return addresses or super()._get_ip_addresses_for_domain(domain)

    def _xml(self, domain):
        return ET.fromstring(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))

    def _volumes(self, pool, name):
        pool.refresh()
        return [one for one in pool.listAllVolumes() if one.name() in _volume_names(name)]

    def _remove_volumes(self, volumes):
        for volume in volumes:
            volume.delete()


def _volume_names(name):
    return ["%s%s.qcow2" % (PREFIX, name), "%s%s-seed.iso" % (PREFIX, name)]


def _element(tag, name, **texts):
    """An element with children that contain these strings; `type` is an attribute of the element."""
    element = ET.Element(tag)
    if "type" in texts:
        element.set("type", texts.pop("type"))
    _add(element, "name").text = name
    for child, text in texts.items():
        _add(element, child).text = text
    return element


def _add(parent, tag, **attributes):
    return ET.SubElement(parent, tag, attributes)


def _text(element):
    return ET.tostring(element, encoding="unicode")
