"""The cache across releases: values of another release may name classes that have moved since."""

import pickle
from typing import Any

from django.core.cache.backends.redis import RedisSerializer


class CacheSerializer(RedisSerializer):
    """A value that cannot be read is not there: whoever asks for it makes it again."""

    def loads(self, data: Any) -> Any:
        try:
            return super().loads(data)
        except (AttributeError, ImportError, TypeError, pickle.UnpicklingError):
            return None
