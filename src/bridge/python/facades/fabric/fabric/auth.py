"""Passwords set by fabfiles."""

from fabric.network import join_host_strings
from fabric.state import env


def get_password(user, host, port, login_only=False):
    host_string = join_host_strings(user, host, port)
    login = env.passwords.get(host_string, env.password)
    return login if login_only else env.sudo_passwords.get(host_string, env.sudo_password) or login


def set_password(user, host, port, password):
    env.password = env.passwords[join_host_strings(user, host, port)] = password
