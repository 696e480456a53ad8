"""Configuration of Fabric 2."""

from invoke.config import Config as InvokeConfig, merge


class Config(InvokeConfig):

    @staticmethod
    def global_defaults():
        from _hostout.shared_env import env
        from fabric.runners import Remote

        return merge(InvokeConfig.global_defaults(), {
            "connect_kwargs": {},
            "forward_agent": False,
            "gateway": None,
            "inline_ssh_env": True,
            "load_ssh_configs": True,
            "port": 22,
            "run": {"replace_env": True},
            "runners": {"remote": Remote},
            "ssh_config_path": None,
            "timeouts": {"connect": None},
            "user": env.local_user,
        })
