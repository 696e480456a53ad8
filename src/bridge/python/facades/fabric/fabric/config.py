"""Configuration of Fabric 2."""

import os

from _hostout.keywords import refuse
from _hostout.shared_env import env
from _hostout.unsaid import said, unsaid
from invoke.config import Config as InvokeConfig, merge
from invoke.config_sources import base_files, project_file, variables


_SSH = ("ssh_config", "system_ssh_path", "user_ssh_path")
_FILE = "name one file for all hosts by runtime_ssh_path=, or in ~/.ssh/config by Include."


class Config(InvokeConfig):

    prefix = "fabric"

    def __init__(self, *args, **kwargs):
        path = kwargs.pop("runtime_ssh_path", None)
        refuse("Config", {name: kwargs.pop(name, None) for name in _SSH}, dict.fromkeys(_SSH, _FILE))
        super().__init__(*args, **kwargs)
        if path is not None:
            self.ssh_config_path = str(path)

    @classmethod
    def from_v1(cls, env, **kwargs):
        """The settings in `env` of Fabric 1; `overrides` take precedence."""
        # As in fabfiles of Fabric 1, ~/.ssh/config is always read.
        path = env.use_ssh_config and said(env.ssh_config_path)
        password = said(env.password)
        data = {
            "connect_kwargs": {"allow_agent": not env.no_agent, "password": password},
            "forward_agent": env.forward_agent,
            "gateway": env.gateway,
            "run": {"pty": env.always_use_pty, "warn": env.warn_only},
            "ssh_config_path": path or None,
            "sudo": {"password": env.sudo_password or password, "prompt": env.sudo_prompt},
            "timeouts": {"connect": env.timeout},
        }
        if env.key_filename is not None:
            data["connect_kwargs"]["key_filename"] = env.key_filename
        return cls(overrides=merge(data, kwargs.pop("overrides", None)), **kwargs)

    @staticmethod
    def global_defaults():
        from fabric.runners import Remote

        return merge(InvokeConfig.global_defaults(), {
            "connect_kwargs": {},
            "forward_agent": False,
            "gateway": None,
            "inline_ssh_env": True,
            "load_ssh_configs": True,
            "port": unsaid(22),
            "run": {"replace_env": True},
            "runners": {"remote": Remote},
            "ssh_config_path": None,
            "tasks": {"collection_name": "fabfile"},
            "timeouts": {"connect": None},
            "user": unsaid(env.local_user),
        })


def command_config(configuration):
    """The configuration of a command: that of its collection, overridden by files and variables."""
    config = Config(lazy=True)
    merge(config, configuration)
    for data in base_files(config.prefix) + [project_file(_directory(), config.prefix)]:
        merge(config, data)
    return merge(config, variables(config, config.prefix))


def _directory():
    return os.path.dirname(env.real_fabfile or "") or os.getcwd()
