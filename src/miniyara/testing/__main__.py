"""``python -m miniyara.testing``."""

import faulthandler
import sys

from miniyara.testing.commands import main

# libyara can crash on a rule: then at least say what was being done.
faulthandler.enable()
sys.exit(main())
