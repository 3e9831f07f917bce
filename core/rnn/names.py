"""Names of models, types and losses; see `models`."""

from core.rnn.dataset.target import LossName as LossName
from core.rnn.models import CLASSICAL as CLASSICAL
from core.rnn.models import NETWORKS as NETWORKS
from core.rnn.models import REFERENCE as REFERENCE
from core.rnn.models import TITLES as TITLES
from core.rnn.models import CellName as CellName
from core.rnn.models import ClassicalName as ClassicalName
from core.rnn.models import opening as opening
from core.rnn.models import short_title as short_title
from core.rnn.networks.types import TYPES as TYPES
from core.rnn.networks.types import TypeName as TypeName
