//! What the wrapper's text promises. What servers make of it: tests/e2e/test_redis_scripts.py.
