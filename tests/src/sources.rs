//! The workspace's own sources and manifests, as text.
