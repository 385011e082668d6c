"""Runs Poezio where it would refuse: as root (it goes on as nobody), and with a server that offers a password without encryption only."""
import os

NOBODY = 65534  # Debian's numbers of nobody and nogroup

if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)

from poezio.poezio import main
from slixmpp.features.feature_mechanisms.mechanisms import FeatureMechanisms

# Its plug-ins are loaded after the login, and it has no option for this.
FeatureMechanisms.default_config["unencrypted_plain"] = True
main()
