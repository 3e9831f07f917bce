"""What a database raises that cannot be asked: it is locked, full, gone, or refuses further connections."""

from __future__ import annotations

import peewee as pw
from playhouse.pool import MaxConnectionsExceeded

AWAY = (pw.PeeweeException, MaxConnectionsExceeded)
